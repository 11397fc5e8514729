"""What an organ says about itself: register, people, standards, cycles, files and their stages, evidence."""
