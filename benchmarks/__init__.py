"""What the portal does in a second beside the bare work underneath, and how long its pages take in a large portal."""
