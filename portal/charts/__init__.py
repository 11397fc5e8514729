"""Pictures: what one says as plain data, and how it is drawn without a browser; numbers come in ready."""
