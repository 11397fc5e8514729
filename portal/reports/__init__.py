"""Long exports: asked for on a page, written by the worker, fetched when they are ready; reads, and holds no rule."""
