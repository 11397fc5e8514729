"""Files of regions, organs and earlier recognitions on their way in."""
