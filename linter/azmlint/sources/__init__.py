"""What turns artifacts into resources, and spells changes as text."""
