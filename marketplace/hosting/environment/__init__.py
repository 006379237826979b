"""What a hosted plugin's process stands on: its code, its interpreter, its packages."""
