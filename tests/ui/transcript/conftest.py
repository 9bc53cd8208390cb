"""An app that is nothing but a transcript."""

import pytest
from textual.app import App

from plugsky_tui.frontends.tui.transcript.colours import load_now
from plugsky_tui.frontends.tui.transcript.widget import Transcript


class TranscriptApp(App):
    CSS = "Transcript { height: 1fr; }"

    def __init__(self):
        super().__init__()
        self.copied, self.opened, self.follows = [], [], []

    def compose(self):
        yield Transcript(load_lexer=load_now)

    @property
    def transcript(self):
        return self.query_one(Transcript)

    def on_transcript_copy_requested(self, message):
        self.copied.append(message.text)

    def on_transcript_link_opened(self, message):
        self.opened.append(message.url)

    def on_transcript_follow_changed(self, message):
        self.follows.append((message.following, message.new_below))

    def shown(self):
        """The lines of the screen, without the scroll bar."""
        strips = self.screen._compositor.render_strips()
        return [strip.crop(0, strip.cell_length - 1).text.rstrip() for strip in strips]


@pytest.fixture
def app():
    return TranscriptApp()


@pytest.fixture
def make_app():
    return TranscriptApp
