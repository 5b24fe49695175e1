"""From a frame to the item on the tray: the background model, the mask, presence, and the view that the classifier gets."""
