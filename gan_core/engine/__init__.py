"""Training in processes of its own: the trainer's side (worker, run) and the web's side (client)."""
