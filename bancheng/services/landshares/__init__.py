"""landshares: S07 国有建设用地使用权量化登记."""
