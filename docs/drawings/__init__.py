"""The pictures of the builder's pages, each drawn by a script: ``python -m docs.drawings`` writes all of them.

What is wired to which pin stands once, in ``header``; the wiring pictures read it there, and a test holds it to config.yaml.
What is computed stands in ``budget`` (currents, voltages), ``camera_views`` (heights) and ``statics`` (forces); pictures and
pages show its results.
"""
