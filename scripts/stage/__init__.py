"""The stage: plays programs that talk over sockets, and shows what they and their kernels do."""
