// Things that several test targets need.
