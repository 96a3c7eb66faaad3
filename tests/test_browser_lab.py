"""JupyterLab with each notebook in headless Chromium: all cells run, sliders move, figures change.

What only a browser can show: widget callbacks of JupyterLab 4.6 run on another thread than cells, where
pyplot figures came out blank.  So the pixels of screenshots are compared: a new source of the image would not
be enough.
"""

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pytest
from matplotlib.image import imread
from PIL import Image

from autograder.catalogue import misconceptions
from autograder.course import Assignment, Course

pytestmark = pytest.mark.browser

CHECK = 'check("knn.two_loops")'
METADATA = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}

NOTEBOOKS = [(a, notebook) for a in Course.load().assignments for notebook in a.notebooks]
START_SECONDS, RUN_SECONDS = 120, 300  # generous: they end a hang, and measure nothing

# The notebook panel's state.  `ready` asks the kernel itself: the execution indicator hangs at times.
STATE = """() => {
  const panel = window.jupyterapp?.shell.currentWidget;
  const session = panel?.sessionContext;
  if (!panel?.content?.model || !session) return {ready: false};
  const kernel = session.session?.kernel;
  const cells = Array.from(panel.content.model.cells).map(cell => cell.toJSON());
  return {
    ready: session.isReady && kernel?.connectionStatus === 'connected' && kernel?.status === 'idle',
    code: cells.filter(cell => cell.cell_type === 'code').length,
    ran: cells.filter(cell => cell.cell_type === 'code' && cell.execution_count !== null).length,
    errors: cells.flatMap(cell => (cell.outputs || []).filter(o => o.output_type === 'error')
                                                       .map(o => o.ename + ': ' + o.evalue)),
  };
}"""

# Brings the cell that shows a widget into view, and says where in the notebook it is.
SCROLL = """async name => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const index = notebook.widgets.findIndex(
    w => w.model.type === 'code' && w.model.sharedModel.getSource().includes('widgets.' + name));
  notebook.activeCellIndex = index;
  await notebook.scrollToItem(index, 'start');
  notebook.widgets[index].node.setAttribute('data-under-test', name);
  return index;
}"""


@contextlib.contextmanager
def jupyter_lab(folder: Path, work: Path, **environment: str):
    """JupyterLab serving `folder`, with every directory of its own under `work`; yields its address."""
    settings = work / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {
        "fetchNews": "false",
        "checkForUpdates": False,
    }  # no dialog over the page, no request to the outside
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet), encoding="utf-8")
    kernel = work / "data" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "this Python", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "--ServerApp.port_retries=0"]
    command += ["--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={folder}"]
    command += ["--LabApp.expose_app_in_browser=True", f"--LabApp.user_settings_dir={work / 'settings'}"]
    command += [f"--LabApp.workspaces_dir={work / 'workspaces'}", "--LabApp.news_url="]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    directories = {
        "JUPYTER_CONFIG_DIR": work / "config",
        "JUPYTER_DATA_DIR": work / "data",
        "JUPYTER_RUNTIME_DIR": work / "runtime",
        "IPYTHONDIR": work / "ipython",
    }
    env = {**os.environ, **{name: str(path) for name, path in directories.items()}, **environment}
    env["JUPYTER_PREFER_ENV_PATH"] = "0"  # our kernel before that of the environment
    env.pop("CVCOURSE_EXERCISES", None)
    log = work / "server.log"
    with open(log, "wb") as output:
        server = subprocess.Popen(command, env=env, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield _address(server, work / "runtime", log)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _address(server, runtime: Path, log: Path) -> str:
    """The server writes its address, with the port that it was given, into its runtime directory."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(json.JSONDecodeError):
                return json.loads(file.read_text(encoding="utf-8"))["url"]
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")


@contextlib.contextmanager
def browser_page(chromium: str, address: str, **options):
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page(**{"viewport": {"width": 1400, "height": 1000}, **options})
        page.goto(address)
        try:
            yield page
        finally:
            browser.close()


def until(page, done, seconds: float) -> dict:
    """Poll the notebook's state until `done(state)`."""
    deadline = time.monotonic() + seconds
    state = {}
    while time.monotonic() < deadline:
        state = page.evaluate(STATE)
        if done(state):
            return state
        page.wait_for_timeout(250)
    pytest.fail(f"JupyterLab did not get there; the notebook's last state: {state}")


def run_all(page) -> dict:
    """Run all cells and wait for the last one, or for an error."""
    until(page, lambda state: state["ready"], START_SECONDS)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")  # not awaited
    return until(
        page, lambda state: state["ready"] and (state["ran"] == state["code"] or state["errors"]), RUN_SECONDS
    )


def solved_notebook(assignment: Assignment, name: str, folder: Path) -> list[str]:
    """Write the notebook with the author's answers beside the reference modules; its widgets' names."""
    notebook = jupytext.read(assignment.solutions / f"{name}.nb.py", fmt="py:percent")
    notebook.metadata = METADATA
    nbformat.write(notebook, folder / f"{name}.ipynb")
    for module in assignment.modules:
        shutil.copyfile(assignment.solutions / f"{module}.py", folder / f"{module}.py")
    return re.findall(r"\bwidgets\.([A-Z]\w+)\(", "\n".join(cell.source for cell in notebook.cells))


def screenshot(element) -> np.ndarray:
    return imread(io.BytesIO(element.screenshot()))[..., :3]


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS, ids=[name for _, name in NOTEBOOKS])
def test_the_notebook_in_jupyterlab(assignment, name, chromium, tmp_path):
    """All cells run without an error, and every slider's figure changes, and is a figure before and after."""
    folder, work = tmp_path / "course", tmp_path / "jupyter"
    folder.mkdir()
    work.mkdir()
    widgets = solved_notebook(assignment, name, folder)
    assert widgets
    with (
        jupyter_lab(folder, work, CVCOURSE_FAST="1") as address,
        browser_page(chromium, f"{address}lab/tree/{name}.ipynb") as page,
    ):
        page.set_default_timeout(60_000)
        page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext", timeout=120_000
        )
        state = run_all(page)
        assert state["errors"] == []
        assert state["ran"] == state["code"]
        for widget in widgets:
            assert page.evaluate(SCROLL, widget) > 0, widget
            cell = page.locator(f'[data-under-test="{widget}"]')
            figure = cell.locator("img")
            figure.wait_for()
            before = after = screenshot(figure)
            if cell.locator(".noUi-handle").count():  # without one it is a figure that moves by itself
                handle = cell.locator(".noUi-handle").first
                value = cell.locator(".widget-readout").first.inner_text()
                handle.focus()
                page.keyboard.press("ArrowRight")
                after = changed_figure(page, figure, before)
                assert cell.locator(".widget-readout").first.inner_text() != value, widget
            else:
                assert widget == "LiveCurve", f"{widget} has no slider"
            for picture in (before, after):
                colours = np.unique((picture.reshape(-1, 3) * 255).astype(np.uint8), axis=0)
                assert len(colours) > 20, f"the figure of {widget} is blank"


def test_a_mistake_is_named_in_the_notebook(knn, chromium, tmp_path):
    """The card of `check` names a known mistake and gives its hint.

    README's picture: `CVCOURSE_SCREENSHOT=docs/named-mistake.png pytest tests/test_browser_lab.py -k named`.
    """
    folder, work = tmp_path / "course", tmp_path / "jupyter"
    folder.mkdir()
    work.mkdir()
    mistake = next(e for e in misconceptions(knn) if e.key == "two_loops_without_root")
    (folder / "knn.py").write_text(mistake.source(knn), encoding="utf-8")
    cells = [nbformat.v4.new_code_cell("from cvcourse import check"), nbformat.v4.new_code_cell(CHECK)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), folder / "knn.ipynb")
    with (
        jupyter_lab(folder, work) as address,
        browser_page(chromium, f"{address}lab/tree/knn.ipynb", device_scale_factor=1.5) as page,
    ):
        page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext", timeout=120_000
        )
        assert run_all(page)["errors"] == []
        card = page.locator(".cvc").last
        card.wait_for()
        text = " ".join(card.inner_text().split())
        assert mistake.name in text
        assert " ".join(mistake.hint.split()) in text
        colours = np.unique((screenshot(card).reshape(-1, 3) * 255).astype(np.uint8), axis=0)
        assert len(colours) > 20, "the card is blank"
        if wanted := os.environ.get("CVCOURSE_SCREENSHOT"):
            page.set_viewport_size({"width": 1120, "height": 700})
            page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0; }")
            picture = page.locator(".jp-CodeCell", has_text=CHECK).last.screenshot()
            Image.open(io.BytesIO(picture)).quantize(64).save(wanted, optimize=True)


def changed_figure(page, figure, before: np.ndarray) -> np.ndarray:
    """The figure's pixels once more than one in a hundred differs from `before`."""
    deadline = time.monotonic() + 60
    share = 0.0
    while time.monotonic() < deadline:
        page.wait_for_timeout(250)
        after = screenshot(figure)
        if after.shape != before.shape:
            return after  # of another size: another figure
        share = np.mean(np.any(np.abs(after - before) > 0.05, axis=2))
        if share > 0.01:
            return after
    pytest.fail(f"the slider moved, but only {share:.2%} of the figure's pixels changed")


def test_the_course_switches_subshells_off():
    """The settings that the package installs are JSON, and name a setting that JupyterLab has."""
    import jupyterlab

    file = Path(__file__).resolve().parents[1] / "cvcourse" / "jupyterlab" / "overrides.json"
    overrides = json.loads(file.read_text(encoding="utf-8"))
    assert overrides["@jupyterlab/apputils-extension:kernels-settings"] == {"commsOverSubshells": "disabled"}
    schemas = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas"
    schema = schemas / "@jupyterlab" / "apputils-extension" / "kernels-settings.json"
    if not schema.is_file():
        pytest.skip(f"JupyterLab {jupyterlab.__version__} keeps its schemas elsewhere than in {schemas}")
    properties = json.loads(re.sub(r"^\s*//.*$", "", schema.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert "disabled" in json.dumps(properties["properties"]["commsOverSubshells"])
