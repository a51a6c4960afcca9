/* empty: what any program's start and end costs. Linked as simply as can be. */
int main(void)
{
	return 0;
}
