"""The bin put together, run and watched."""
