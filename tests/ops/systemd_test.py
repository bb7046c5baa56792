"""The unit is one that systemd takes: `systemd-analyze verify`, with a program that is there in the place of ours."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

UNIT = pathlib.Path(__file__).resolve().parents[2] / "ops" / "systemd" / "sharpwave.service"

if not shutil.which("systemd-analyze"):
    print("NOT TESTED: systemd-analyze is not there")
    sys.exit(77)
text = UNIT.read_text()
assert "ExecStart=/usr/bin/sharpwave serve " in text and "Type=notify" in text and "TimeoutStopSec=60" in text
with tempfile.TemporaryDirectory() as folder:
    unit = pathlib.Path(folder) / UNIT.name
    for content, is_good in ((text.replace("/usr/bin/sharpwave", "/bin/true"), True),
                             (text.replace("Type=notify", "Type=none").replace("/usr/bin/sharpwave", "none"), False)):
        unit.write_text(content)
        result = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
        said = result.stdout + result.stderr
        assert (result.returncode == 0 and not said.strip()) == is_good, said
