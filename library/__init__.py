"""What a song is: tags read from files, and the music directory."""
