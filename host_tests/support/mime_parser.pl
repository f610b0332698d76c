# Usage: perl mime_parser.pl FOLDER <mail; prints the parts as JSON, their decoded bodies lie in FOLDER.
use strict;
use warnings;
use JSON::PP;
use MIME::Parser;

my @parts;

sub walk {
    my ($part, $path) = @_;
    my $head = $part->head;
    my $name = $head->recommended_filename;
    my $id = $head->get('Content-ID');
    $id =~ s/^\s*<(.*)>\s*$/$1/s if defined $id;
    push @parts, {
        path         => $path,
        content_type => $head->mime_type,
        name         => $name,
        content_id   => $id,
        file         => $part->bodyhandle ? $part->bodyhandle->path : undef,
    };
    my $number = 0;
    walk($_, "$path." . ++$number) for $part->parts;
}

my $parser = MIME::Parser->new;
$parser->output_dir($ARGV[0]);
$parser->filer->ignore_filename(1);    # the folder is ours, the name is the sender's
$parser->extract_nested_messages(0);
binmode STDIN;
walk($parser->parse(\*STDIN), '1');
die join "\n", $parser->results->msgs if $parser->results->errors || $parser->results->warnings;
print JSON::PP->new->ascii->encode(\@parts);
