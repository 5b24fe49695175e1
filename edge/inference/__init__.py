"""The model file, the runtime that executes it, and the classifier around both."""
