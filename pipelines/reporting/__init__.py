"""What `newsbeam report` reads and shows."""
