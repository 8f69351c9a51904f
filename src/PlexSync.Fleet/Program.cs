Console.WriteLine("plexsync-fleet");
