//! Nothing: the programs are in `examples/`, and are compiled one by one by `../run messages`.
