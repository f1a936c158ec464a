"""Who is told what when a case changes: card, thread, direct message, morning digest."""
