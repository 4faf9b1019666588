"""What an execute request asks for: inputs that hold, outputs, and who wants to hear of the job."""
