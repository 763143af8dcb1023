"""Renders people, from head to foot, as sprites with their boxes: random bodies, clothes, poses, views and light."""
