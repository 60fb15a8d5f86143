"""Questions in the form of IMS QTI 1.2, 2.1, 2.2 and 3.0, alone or in a content package."""
