"""What is one real appliance like? Answers to contract section 9.7, free of personal data."""
