"""What others say and what becomes of it: inspections, findings, draws, notices, objections, rates."""
