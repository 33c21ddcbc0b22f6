"""The child: ``python -m bot.apart``, started by its parent and by nobody else."""

from bot.apart.child import main

main()
