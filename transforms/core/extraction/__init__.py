"""From a page to its story: text, headline, authors, dates, pictures, with where each value came from."""

from transforms.core.extraction.story import extract_story, warm

__all__ = ["extract_story", "warm"]
