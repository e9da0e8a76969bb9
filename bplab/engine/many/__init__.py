"""Many networks of one shape, trained together: a sweep's nets advance in batched arrays, an update at a time.

A small net's update is mostly Python and the fixed price of each NumPy call. K nets that share shape, loss, dtype,
activations and optimizer pay it once for all: every elementwise call runs over the arrays of all nets, and every
product is one batched call. What this leaves is the arithmetic itself, and what the BLAS library asks for each of
the K small products inside the batched call.

Measured on one core, 64 × 2-8-8-8-1 with tanh, SGD, float64, beside one such net's update by :class:`Trainer`:

- One sample in a batch: 5 to 6 × one net. Ten: 11 ×. Thirty-two: 18 to 19 ×; float32 9 and 12 ×.
- With ten samples the six batched products of the hidden layers, 384 small ones, are 5.5 × one net. More than half
  of that is what the library asks for any product, however small; the rest is arithmetic. OpenBLAS with kernels for
  small matrices (it has them for SkylakeX, not for Haswell or Zen) halves most of them: then ten samples cost 9 to
  10 × one net.
- The first layer, where all nets see the same batch, is one product for all: a third of a batched one.
- tanh itself is 1.5 × one net with ten samples, 4 × with thirty-two; the last layer's products and error 1 ×.

Tried, and slower or no better: sums over broadcast products with the nets innermost (2.5 times the products), einsum
(2.5 to 5 times), two or four nets as one block-diagonal product (1.2 and 2 times), the nets outermost (equal, but
activations then run over arrays with gaps), two threads with half of the nets each (no gain: the calls are so short
that each thread only waits for the other's interpreter lock).
"""

from .trainer import ManyStep, ManyTrainer, train_many

__all__ = ["ManyStep", "ManyTrainer", "train_many"]
