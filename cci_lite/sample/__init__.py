"""The sample call that ships with cci-lite: a recording, its script and the words said. Imports nothing of cci_lite."""

from pathlib import Path

_FOLDER = Path(__file__).parent

RECORDING = _FOLDER / "call.wav"
"""45 s of stereo, 16 bit, 11.025 kHz: channel 0 the agent, channel 1 the customer."""

SCRIPT = _FOLDER / "call.yaml"
"""The speakers and turns that tools/make_sample.py made the recording from."""

TRUTH = _FOLDER / "truth.txt"
"""The words said, a line a turn."""
