"""Work that travels as a file (数据包): keys, taking it in, the receipt; docs/design/bundles.md."""
