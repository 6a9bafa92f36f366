Console.Error.WriteLine("hqtrack: no command yet");
return 2;
