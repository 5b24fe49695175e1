"""What moves and what people touch: the diverter, the interlock, the item under way, levels and panel."""
