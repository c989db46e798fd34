"""Lessons: Markdown files whose scenes set a page, ask a question and make a claim that is checked."""
