"""All files of labels, right and wrong."""

from tables.right_labels import RIGHT
from tables.wrong_labels import WRONG

FILES = [*RIGHT, *WRONG]
