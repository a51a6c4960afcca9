# Perl: fork, pipes, signals, sockets, System V shared memory.
set -eu
cd "$WORK"
perl -MIO::Socket::INET -MIPC::SysV=IPC_PRIVATE,IPC_RMID,S_IRUSR,S_IWUSR -MPOSIX=pause -MFile::Temp -e '
	my $l = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die "listen: $!";
	my $pid = fork // die "fork: $!";
	if (!$pid) { my $c = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $l->sockport) or die; print $c "hello\n"; exit 0 }
	my $s = $l->accept; my $line = <$s>; $line eq "hello\n" or die "read: $line"; waitpid $pid, 0; $? == 0 or die;
	my $id = shmget(IPC_PRIVATE, 100, S_IRUSR | S_IWUSR); defined $id or die "shmget: $!";
	shmwrite($id, "text", 0, 4) or die; shmread($id, my $b, 0, 4) or die; $b eq "text" or die; shmctl($id, IPC_RMID, 0) or die;
	`echo out` eq "out\n" or die; local $SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; pause }; $@ eq "alarm\n" or die;
	my $t = File::Temp->new; print $t "x" x 1000; close $t; -s $t->filename == 1000 or die;'
