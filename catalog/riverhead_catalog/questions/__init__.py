"""What people ask of lineage, one module per question; pure."""
