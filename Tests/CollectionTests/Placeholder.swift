// The first test of this suite replaces this file.
