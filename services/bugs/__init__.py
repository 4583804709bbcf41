"""What people see going wrong, and what is made of it."""
