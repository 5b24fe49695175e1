"""What there is to know of data sets before anything is learnt from them."""
