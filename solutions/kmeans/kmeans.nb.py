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
# # Segmentation by grouping

# %%
from cvcourse import check

# %%
### BEGIN SOLUTION
predicted_assignments = [0, 0, 0, 1, 1]
### END SOLUTION

# %%
### BEGIN SOLUTION
predicted_empty = 2
### END SOLUTION

# %%
### BEGIN SOLUTION
predicted_bytes = 19248
### END SOLUTION

# %%
### BEGIN SOLUTION
predicted_modes = 1
### END SOLUTION

# %%
check("kmeans")

# %%
check("kmeans.assign_naive")

# %%
check("kmeans.assign")

# %%
check("kmeans.update")

# %%
check("kmeans.objective")

# %%
check("kmeans.lloyd")

# %%
check("kmeans.plus_plus")

# %%
check("kmeans.kmeans")

# %%
check("kmeans.pixel_features")

# %%
check("kmeans.texture")

# %%
check("kmeans.shift")

# %%
check("kmeans.mean_shift")

# %%
check("kmeans.affinity")

# %%
check("kmeans.cut_value")

# %%
check("kmeans.bipartition")

# %%
check("kmeans.agreement")

# %%
check("kmeans.quantisation")

# %%
check("kmeans.predictions")
