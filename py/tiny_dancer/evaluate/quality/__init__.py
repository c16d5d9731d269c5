"""The study behind docs/quality.md: its runs, its figures, its page (`./build.sh eval`)."""
