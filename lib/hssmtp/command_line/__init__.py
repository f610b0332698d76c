"""What `python -m hssmtp` is made of. For PCs only: nothing of it goes onto a device."""
