"""What the services of others say of a world: their answers, made purely, in their real shapes."""
