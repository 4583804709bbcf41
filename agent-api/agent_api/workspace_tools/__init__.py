"""What an agent may do in a workspace: read, grep, glob, edit, write, bash. One plain async function per module."""
