# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Backpropagation

# %%
from cvcourse import check

# %%
### BEGIN SOLUTION
predicted_gradient_of_z = 3
predicted_used_twice = 7
predicted_loss_at_start = 2.30
predicted_first_adam_step = 0.001
predicted_factor_per_layer = 0.71
### END SOLUTION

# %%
check("backprop.value_ops")

# %%
check("backprop.value_backward")

# %%
check("backprop.affine")

# %%
check("backprop.relu")

# %%
check("backprop.squashing")

# %%
check("backprop.leaky")

# %%
check("backprop.maxout")

# %%
check("backprop.loss_layers")

# %%
check("backprop.momentum")

# %%
check("backprop.adaptive")

# %%
check("backprop.adam")

# %%
check("backprop.schedules")

# %%
check("backprop.on_plateau")

# %%
check("backprop.initialisation")

# %%
check("backprop.scaling")

# %%
check("backprop.whitening")

# %%
check("backprop.fc_net")

# %%
check("backprop.predictions")
