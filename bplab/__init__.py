"""bplab: a desktop laboratory for backpropagation.

The gradient of a weight is the activation that enters it times the error that leaves it;
learning stalls where one factor is small. The engine computes, the lab keeps experiments and
their records, the window shows every factor live.
"""

__version__ = "0.1.0"
