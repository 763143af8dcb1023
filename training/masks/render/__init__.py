"""Rendered heads for training the mask judge: MakeHuman's CC0 people with masks, hair, hats and hands put on."""
