"""Several outputs in wkmp.ini."""

from __future__ import annotations

from pathlib import Path

import pytest

from playback.errors import ConfigError
from wkmp import ini_file
from wkmp.config import Config, Output

RECORDER = "[output Recorder]\nplugin = file\npath = /srv/a.wav\n"
FIFO = "[output Fifo]\nplugin = pipe\npath = /srv/fifo\n"


def loaded(folder: Path, text: str, **environment: str) -> Config:
    file = folder / "wkmp.ini"
    file.write_text(text, "utf-8")
    return ini_file.load(file, environment)


def faults_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        loaded(folder, text)
    return str(refused.value).splitlines()


def test_without_a_section_there_is_the_sound_device(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").outputs == (Output(),)
    assert Config().main_output == 0


def test_a_plain_section_is_one_output_as_ever(tmp_path: Path) -> None:
    config = loaded(tmp_path, "[output]\nname = DAC\nplugin = alsa\ndevice = hw:1\nrate = 48000\n")
    assert config.outputs == (Output(name="DAC", plugin="alsa", device="hw:1", rate=48_000),)
    assert config.output is config.outputs[0]


def test_named_sections_are_outputs_in_their_order(tmp_path: Path) -> None:
    text = RECORDER + "[output DAC]\nrate = 96000\n" + FIFO
    config = loaded(tmp_path, text)
    assert [output.name for output in config.outputs] == ["Recorder", "DAC", "Fifo"]
    assert config.main_output == 1
    assert config.output.rate == 96_000
    assert config.outputs[0] == Output("Recorder", plugin="file", path=Path("/srv/a.wav"))


def test_the_plain_section_comes_first_wherever_it_stands(tmp_path: Path) -> None:
    config = loaded(tmp_path, RECORDER + "[output]\nname = DAC\n")
    assert [output.name for output in config.outputs] == ["DAC", "Recorder"]


def test_a_name_may_have_spaces_and_quotation_marks_and_be_given_besides(tmp_path: Path) -> None:
    text = '[output "Null A"]\nplugin = null\n[output b]\nname = Null B\nplugin = null\n'
    config = loaded(tmp_path, text)
    assert [output.name for output in config.outputs] == ["Null A", "Null B"]
    assert config.main_output == 0


def test_with_files_and_pipes_only_there_is_no_sound_device(tmp_path: Path) -> None:
    config = loaded(tmp_path, "[output]\nplugin = file\npath = /srv/a.raw\nrate = 48000\n" + FIFO)
    assert config.main_output is None
    assert (config.output.plugin, config.output.rate) == ("null", 48_000)


def test_the_environment_is_about_the_sound_device(tmp_path: Path) -> None:
    config = loaded(tmp_path, RECORDER + "[output DAC]\n", WKMP_OUTPUT_DEVICE="hw:7")
    assert [output.device for output in config.outputs] == ["auto", "hw:7"]
    assert loaded(tmp_path, "", WKMP_OUTPUT_DEVICE="hw:7").output.device == "hw:7"


@pytest.mark.parametrize("text", ["", RECORDER, "[output]\nplugin = null\n" + FIFO])
def test_the_command_line_names_the_sound_device(tmp_path: Path, text: str) -> None:
    before = loaded(tmp_path, text)
    config = before.with_device("alsa", "hw:3")
    assert (config.output.plugin, config.output.device) == ("alsa", "hw:3")
    assert config.output.path is None
    sides = [output for output in before.outputs if output.plugin in {"file", "pipe"}]
    assert [output for output in config.outputs if output != config.output] == sides


def test_a_second_sound_device_is_refused_with_the_reason(tmp_path: Path) -> None:
    text = "[output]\nplugin = alsa\n[output Second]\nplugin = alsa\ndevice = hw:2\n"
    first, *_ = faults_of(tmp_path, text)
    assert "[output Second] plugin = alsa: [output] is the sound device already" in first
    assert "two cards have two clocks that drift apart" in first
    assert "plugin = file, pipe or null" in first


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[output Rec]\nplugin = file\n", "[output Rec] plugin = file: needs a path"),
        ("[output P]\nplugin = pipe\n", "plugin = pipe: needs a path or a command"),
        (f"{FIFO}command = cat\n", "plugin = pipe: needs a path or a command, and not both"),
        (f"{RECORDER}command = cat\n", "command: is for plugin = pipe"),
        ("[output]\nplugin = null\npath = /srv/x\n", "path: is for plugin = file and plugin"),
        (f"{RECORDER}format = S24_LE\n", "format = S24_LE: WAV files cannot have it; allowed: S16"),
        (f"[output]\n{RECORDER}rate = 48000\n", "rate: belongs to the sound device"),
        (f"[output]\n{RECORDER}device = hw:1\n", "device: belongs to the sound device"),
        (
            f"{RECORDER}[output b]\nplugin = null\nname = Recorder\n",
            "[output Recorder] has that name",
        ),
        (f"{RECORDER}paht = /x\n", 'no such key; did you mean "path"?'),
        ("[output ]\nname = x\n", "no such section"),
        ("[outputs]\nname = x\n", 'no such section; did you mean "output"?'),
        (f"{RECORDER}enabled = perhaps\n", "allowed: yes or no"),
    ],
)
def test_what_does_not_go_together_is_one_fault_each(tmp_path: Path, text: str, fault: str) -> None:
    (found,) = faults_of(tmp_path, text)
    assert fault in found
    assert str(tmp_path / "wkmp.ini") in found
