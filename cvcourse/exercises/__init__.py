"""The files that students edit, a folder per assignment."""
