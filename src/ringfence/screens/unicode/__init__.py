"""What Unicode can hide: classes of code points, and letters that look like others. Data, and nothing that decides."""
