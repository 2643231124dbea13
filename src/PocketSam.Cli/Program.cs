System.Console.WriteLine("pocketsam");
